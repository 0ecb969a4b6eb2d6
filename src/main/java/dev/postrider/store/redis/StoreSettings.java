package dev.postrider.store.redis;

import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a store instance is told at its making.
 *
 * @param partitions 1–64, the same on every node of a store
 * @param node this node's name, without a tab or line feed
 * @param loop which of the node's event loops, unique within it
 * @param attemptsKept attempts kept per run, the first and the last ones
 * @param retention how long a closed run is kept
 * @param maxInFlightPerDestination over all nodes, where a queue sets none; divided over the
 *     partitions, at least 1 for each; used by built-in leases; 0 = no limit
 * @param resendWithin how long a call whose reply was lost is sent again
 * @param now milliseconds that stand for the server's clock in tests; null = the server's clock
 */
public record StoreSettings(
    int partitions,
    String node,
    String loop,
    int attemptsKept,
    Duration retention,
    int maxInFlightPerDestination,
    Duration resendWithin,
    @Nullable Supplier<Long> now) {}
