package dev.postrider.job;

import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * What a job carries for its users; Postrider never looks inside. JSON values are their exact
 * source bytes.
 *
 * @param input any JSON value; null = absent, which differs from the JSON {@code null}
 * @param searchAttributes a flat JSON object
 * @param summary one line, at most {@code limits.maxSummaryBytes}
 * @param details any text, at most {@code limits.maxDetailsBytes}
 */
public record JobContent(
    @Nullable Buffer input,
    @Nullable Buffer searchAttributes,
    @Nullable String summary,
    @Nullable String details) {}
