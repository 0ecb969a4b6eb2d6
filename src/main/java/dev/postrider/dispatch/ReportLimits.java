package dev.postrider.dispatch;

/**
 * How long what a report brings may be, in bytes of JSON; longer, it ends its attempt for good.
 *
 * @param maxResultBytes a result
 * @param maxDetailsBytes details of a heartbeat, of a last one that comes with a failure, and of
 *     the end of a canceled attempt
 */
public record ReportLimits(int maxResultBytes, int maxDetailsBytes) {}
