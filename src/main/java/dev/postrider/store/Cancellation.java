package dev.postrider.store;

import dev.postrider.job.TaskToken;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * A report that an attempt ended because its job's cancellation was requested.
 *
 * @param details any JSON value, kept with the job's failure
 * @param next the reporter asks for more tasks: the answer is to name its queue and worker
 */
public record Cancellation(TaskToken token, @Nullable Buffer details, boolean next) {}
