package dev.postrider.dispatch;

/**
 * How long what a report brings may be, in bytes. A longer result or longer details end the attempt
 * for good; a longer failure is cut.
 *
 * @param maxResultBytes a result
 * @param maxDetailsBytes details of a heartbeat, of a last one that comes with a failure, and of
 *     the end of a canceled attempt
 * @param maxFailureBytes a failure: its texts and details, with its causes
 */
public record ReportLimits(int maxResultBytes, int maxDetailsBytes, int maxFailureBytes) {}
