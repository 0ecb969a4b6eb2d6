package dev.postrider.delivery;

import dev.postrider.job.Failure;
import dev.postrider.job.Task;
import dev.postrider.job.WebhookInput;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;

/** Delivers webhooks; the result is the status that the receiver answered. */
final class WebhookHandler implements TaskHandler {
  private final WebhookSender sender;

  WebhookHandler(WebhookSender sender) {
    this.sender = sender;
  }

  @Override
  public Work start(Task task, Duration within) {
    Buffer input = task.input();
    try {
      WebhookInput webhook = WebhookInputJson.read(input == null ? Buffer.buffer() : input);
      return new Sending(sender.send(webhook, task.token().attempt(), within));
    } catch (IllegalArgumentException e) {
      String message = "No webhook can be made of the job: " + e.getMessage();
      return new Impossible(new Failure("invalid_input", message, true, null, null, null));
    }
  }

  private static final class Sending implements Work {
    private final Delivery delivery;

    Sending(Delivery delivery) {
      this.delivery = delivery;
    }

    @Override
    public Future<Ending> ending() {
      return delivery.outcome().map(Sending::ending);
    }

    @Override
    public void abort() {
      delivery.abort();
    }

    private static Ending ending(DeliveryOutcome outcome) {
      if (outcome instanceof DeliveryOutcome.Delivered delivered) {
        int status = delivered.response().status();
        return new Done(Buffer.buffer(Integer.toString(status)), delivered.response());
      }
      if (outcome instanceof DeliveryOutcome.Refused refused) {
        return new Failed(refused.failure(), refused.response());
      }
      return new Failed(
          new Failure("aborted", "The delivery was given up.", false, null, null, null), null);
    }
  }

  private static final class Impossible implements Work {
    private final Failure failure;

    Impossible(Failure failure) {
      this.failure = failure;
    }

    @Override
    public Future<Ending> ending() {
      return Future.succeededFuture(new Failed(failure, null));
    }

    @Override
    public void abort() {}
  }
}
