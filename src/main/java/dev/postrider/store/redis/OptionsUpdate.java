package dev.postrider.store.redis;

import dev.postrider.job.AdjustableOptions;
import dev.postrider.job.JobKey;
import dev.postrider.job.RunId;
import dev.postrider.store.Described;
import dev.postrider.store.UpdateOptionsResult;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Response;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * Changes a job's options by comparing and setting: they are read, what they are to be is worked
 * out here, and the script writes that only while they are still what was read. Else it is done
 * again, with what they are then.
 */
final class OptionsUpdate {
  private static final Buffer NOT_KNOWN_YET = Buffer.buffer();
  private static final Buffer ORIGINAL = Buffer.buffer("original");

  private final JobKey key;
  private final BiFunction<Buffer, Buffer, Future<Response>> script;
  private final Function<RunId, Future<Optional<Described>>> describe;

  /**
   * @param script {@code job/update_options.lua} on the job, given its last two arguments
   * @param describe reads a run of it
   */
  OptionsUpdate(
      JobKey key,
      BiFunction<Buffer, Buffer, Future<Response>> script,
      Function<RunId, Future<Optional<Described>>> describe) {
    this.key = key;
    this.script = script;
    this.describe = describe;
  }

  /** Makes the options what {@code change} makes of them. */
  Future<UpdateOptionsResult> change(UnaryOperator<AdjustableOptions> change) {
    return change(change, NOT_KNOWN_YET, NOT_KNOWN_YET);
  }

  private Future<UpdateOptionsResult> change(
      UnaryOperator<AdjustableOptions> change, Buffer from, Buffer to) {
    return script
        .apply(from, to)
        .compose(
            reply -> {
              if (!"stale".equals(reply.get(0).toString())) {
                return answer(reply);
              }
              Buffer are = reply.get(1).toBuffer();
              AdjustableOptions options = PackedOptions.unpack(key.namespace(), are);
              return change(change, are, PackedOptions.pack(change.apply(options)));
            });
  }

  /** Makes the options what they were at the start. */
  Future<UpdateOptionsResult> restore() {
    return script.apply(ORIGINAL, NOT_KNOWN_YET).compose(this::answer);
  }

  private Future<UpdateOptionsResult> answer(Response reply) {
    UpdateOptionsResult refused = Replies.updateRefused(reply);
    if (refused != null) {
      return Future.succeededFuture(refused);
    }
    return describe
        .apply(new RunId(reply.get(2).toBuffer().getLong(0)))
        .map(
            described ->
                described.isPresent()
                    ? new UpdateOptionsResult.Applied(described.get().job())
                    : new UpdateOptionsResult.NotFound());
  }
}
