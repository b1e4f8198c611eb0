import redis

from tests.services.redis import Redis, RunningRedis


def client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, decode_responses=True)


def test_a_fresh_one_has_no_keys(redis: RunningRedis, fresh_redis: str) -> None:
    with client(fresh_redis) as before:
        before.set("nick", "Alice")

    redis.flush()

    with client(fresh_redis) as after:
        assert after.get("nick") is None


def test_a_cluster_of_one_node_has_every_channel(redis_cluster: Redis) -> None:
    with redis.RedisCluster.from_url(redis_cluster.url) as cluster:
        assert cluster.set("nick", "Alice")
        assert [cluster.execute_command("SPUBLISH", f"flow:{n}", "1", target_nodes="random") for n in range(9)] == 9 * [
            0
        ]


def test_a_cluster_comes_back_with_its_slots() -> None:
    with Redis(cluster=True) as cluster:
        cluster.kill()
        cluster.start()

        with client(cluster.url) as connection:
            assert connection.set("nick", "Alice")
