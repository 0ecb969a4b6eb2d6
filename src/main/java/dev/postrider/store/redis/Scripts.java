package dev.postrider.store.redis;

import dev.postrider.redis.Script;
import java.util.List;

/** Every script of the store, under the name of its verb. */
final class Scripts {
  static final Script START = LuaSource.load("job/start");
  static final Script DESCRIBE = LuaSource.load("job/describe");
  static final Script LIST = LuaSource.load("job/list");
  static final Script CANCEL = LuaSource.load("job/cancel");
  static final Script TERMINATE = LuaSource.load("job/terminate");
  static final Script PAUSE = LuaSource.load("job/pause");
  static final Script UNPAUSE = LuaSource.load("job/unpause");
  static final Script RESET = LuaSource.load("job/reset");
  static final Script UPDATE_OPTIONS = LuaSource.load("job/update_options");
  static final Script RETRY_NOW = LuaSource.load("job/retry_now");
  static final Script RERUN = LuaSource.load("job/rerun");
  static final Script COMPLETE_BY_ID = LuaSource.load("job/complete");
  static final Script FAIL_BY_ID = LuaSource.load("job/fail");
  static final Script HEARTBEAT_BY_ID = LuaSource.load("job/heartbeat");
  static final Script DELETE = LuaSource.load("job/delete");
  static final Script LEASE = LuaSource.load("task/lease");
  static final Script COMPLETE = LuaSource.load("task/complete");
  static final Script FAIL = LuaSource.load("task/fail");
  static final Script CANCELED = LuaSource.load("task/canceled");
  static final Script HEARTBEAT = LuaSource.load("task/heartbeat");
  static final Script HAND_BACK = LuaSource.load("task/hand_back");
  static final Script NOTIFY = LuaSource.load("task/notify");
  static final Script LIMIT = LuaSource.load("queue/limit");
  static final Script UPDATE_LIMITS = LuaSource.load("queue/update_limits");
  static final Script PAUSE_QUEUE = LuaSource.load("queue/pause");
  static final Script UNPAUSE_QUEUE = LuaSource.load("queue/unpause");
  static final Script FOLLOW_QUEUE = LuaSource.load("queue/follow");
  static final Script DESCRIBE_QUEUE = LuaSource.load("queue/describe");
  static final Script REAP = LuaSource.load("timer/reap");
  static final Script EXPIRE = LuaSource.load("timer/expire");
  static final Script LAPSE = LuaSource.load("timer/lapse");
  static final Script RENEW = LuaSource.load("timer/renew");
  static final Script TRIM = LuaSource.load("timer/trim");

  static final List<Script> ALL =
      List.of(
          START,
          DESCRIBE,
          LIST,
          CANCEL,
          TERMINATE,
          PAUSE,
          UNPAUSE,
          RESET,
          UPDATE_OPTIONS,
          RETRY_NOW,
          RERUN,
          COMPLETE_BY_ID,
          FAIL_BY_ID,
          HEARTBEAT_BY_ID,
          DELETE,
          LEASE,
          COMPLETE,
          FAIL,
          CANCELED,
          HEARTBEAT,
          HAND_BACK,
          NOTIFY,
          LIMIT,
          UPDATE_LIMITS,
          PAUSE_QUEUE,
          UNPAUSE_QUEUE,
          FOLLOW_QUEUE,
          DESCRIBE_QUEUE,
          REAP,
          EXPIRE,
          LAPSE,
          RENEW,
          TRIM);

  private Scripts() {}
}
