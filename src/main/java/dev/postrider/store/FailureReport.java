package dev.postrider.store;

import dev.postrider.job.DeliveryResponse;
import dev.postrider.job.Failure;
import dev.postrider.job.TaskToken;
import org.jspecify.annotations.Nullable;

/**
 * A report that an attempt failed.
 *
 * @param response what a webhook's receiver answered
 */
public record FailureReport(
    TaskToken token, Failure failure, @Nullable DeliveryResponse response) {}
