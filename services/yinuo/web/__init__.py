"""Pages for people and the HTTP gateway, on one server. Law: nothing of it is imported by storage or pipeline."""
