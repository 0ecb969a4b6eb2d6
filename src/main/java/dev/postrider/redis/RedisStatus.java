package dev.postrider.redis;

/**
 * What start-up found at the other end.
 *
 * @param product {@code Redis} or {@code Valkey}
 * @param version its own version
 * @param durability what its answers promise
 */
public record RedisStatus(String product, String version, Durability durability) {}
