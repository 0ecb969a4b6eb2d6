package dev.postrider.job;

import org.jspecify.annotations.Nullable;

/**
 * How many tasks may be given at most: in every stretch of t seconds, {@code burst +
 * requestsPerSecond × t}.
 *
 * @param requestsPerSecond 0 (none at all), or 0.1 to 1 000 000; kept in millionths
 * @param burst how many may come at once, 1 to 1 000 000; null = one second's worth, at least 1
 */
public record RateLimit(double requestsPerSecond, @Nullable Integer burst) {}
