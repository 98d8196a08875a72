"""What a running process needs: settings, logging, health, embedded servers, supervision."""
