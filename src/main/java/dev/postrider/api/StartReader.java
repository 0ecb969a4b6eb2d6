package dev.postrider.api;

import dev.postrider.api.json.FieldErrors;
import dev.postrider.api.json.Fields;
import dev.postrider.api.json.JsonValue;
import dev.postrider.api.json.TextRule;
import dev.postrider.job.JobContent;
import dev.postrider.job.JobKey;
import dev.postrider.job.JobOptions;
import dev.postrider.job.Priority;
import dev.postrider.job.RetryPolicy;
import dev.postrider.job.StartPolicies;
import dev.postrider.job.StartRequest;
import dev.postrider.job.StartTime;
import dev.postrider.job.Timeouts;
import dev.postrider.job.WebhookInput;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Reads the starts of jobs, checked and with every default filled in. What is wrong is added to the
 * errors of the fields; the request is only to be used if there are none.
 */
final class StartReader {

  private static final JobOptions JOB_DEFAULTS =
      new JobOptions(new Timeouts(null, null, null, null), RetryPolicy.DEFAULT, Priority.DEFAULT);

  /** One POST takes seconds at most; a receiver may be down for days. */
  private static final JobOptions WEBHOOK_DEFAULTS =
      new JobOptions(
          new Timeouts(Duration.ofHours(72), null, Duration.ofSeconds(15), null),
          new RetryPolicy(Duration.ofSeconds(1), 2.0, Duration.ofHours(6), 0, List.of(), 0),
          Priority.DEFAULT);

  private static final String WEBHOOK_QUEUE = "webhooks";

  private final ApiLimits limits;

  StartReader(ApiLimits limits) {
    this.limits = limits;
  }

  /** The body of {@code POST /v1/jobs}, or an element of a batch. */
  StartRequest job(Fields fields, String namespace) {
    String id = fields.text("id", TextRule.IDENTIFIER);
    String type = fields.requiredText("type", TextRule.IDENTIFIER);
    String taskQueue = fields.requiredText("taskQueue", TextRule.IDENTIFIER);
    JsonValue input = fields.raw("input");
    String destination = "";
    if (type.equals(WebhookInput.TYPE)) {
      WebhookInput webhook = deliveryInput(fields, input);
      destination = webhook == null ? "" : webhook.url().destination();
    }
    Buffer kept = input == null ? null : Buffer.buffer(input.bytes());
    JobKey key = new JobKey(namespace, id == null ? UUID.randomUUID().toString() : id);
    return request(fields, new Work(key, type, taskQueue, destination, kept), JOB_DEFAULTS);
  }

  /** The body of {@code POST /v1/webhooks}. */
  StartRequest webhook(Fields fields, String namespace) {
    WebhookInput input = WebhookFields.read(fields);
    String taskQueue = fields.text("taskQueue", TextRule.IDENTIFIER);
    Work work =
        new Work(
            new JobKey(namespace, input == null ? "" : input.jobId()),
            WebhookInput.TYPE,
            taskQueue == null ? WEBHOOK_QUEUE : taskQueue,
            input == null ? "" : input.url().destination(),
            input == null ? null : WebhookFields.write(fields, input));
    return request(fields, work, WEBHOOK_DEFAULTS);
  }

  private static @Nullable WebhookInput deliveryInput(Fields fields, @Nullable JsonValue input) {
    if (input == null) {
      fields.require("input");
      return null;
    }
    FieldErrors errors = fields.errors();
    int before = errors.list().size();
    Fields inner = Fields.of(input, fields.path("input"), errors);
    if (errors.list().size() > before) {
      return null;
    }
    WebhookInput webhook = WebhookFields.read(inner);
    inner.end();
    return webhook;
  }

  private StartRequest request(Fields fields, Work work, JobOptions defaults) {
    JobOptions options = OptionFields.options(fields, defaults);
    StartPolicies policies = OptionFields.policies(fields);
    StartTime startTime = OptionFields.startTime(fields);
    Boolean paused = fields.bool("startPaused");
    JobContent content =
        new JobContent(
            work.input,
            SearchAttributeFields.read(fields, limits.maxSearchAttributesBytes()),
            fields.text("summary", TextRule.oneLine(limits.maxSummaryBytes())),
            fields.text("details", TextRule.lines(limits.maxDetailsBytes())));
    String requestId = fields.text("requestId", TextRule.REQUEST_ID);
    fields.end();
    if (work.input != null && work.input.length() > limits.maxInputBytes()) {
      throw Problem.of(
              ProblemCode.BODY_TOO_LARGE,
              "The input has "
                  + work.input.length()
                  + " bytes, at most "
                  + limits.maxInputBytes()
                  + " are kept")
          .exception();
    }
    return new StartRequest(
        work.key,
        work.type,
        work.taskQueue,
        work.destination,
        options,
        content,
        policies,
        startTime,
        paused != null && paused,
        requestId);
  }

  /** What is to be done, and for whom. */
  private record Work(
      JobKey key, String type, String taskQueue, String destination, @Nullable Buffer input) {}
}
