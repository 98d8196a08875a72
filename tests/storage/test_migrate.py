from yinuo.storage.migrate import migrate


async def test_from_nothing(empty_database):
    report = await migrate(empty_database)
    print(report)
    assert (await migrate(empty_database)).applied == ()
