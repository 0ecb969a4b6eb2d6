package dev.postrider.store;

import dev.postrider.job.TaskToken;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * A sign that an attempt is worked on.
 *
 * @param details any JSON value, kept for the next attempt in place of the last one; null = the
 *     last one stays
 */
public record HeartbeatReport(TaskToken token, @Nullable Buffer details) {}
