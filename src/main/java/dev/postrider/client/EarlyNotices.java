package dev.postrider.client;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Notices that have overtaken the tasks they are about; each is told once, so it must not get lost.
 * The latest few are kept: most are about tasks that have just ended.
 */
final class EarlyNotices {
  private static final int MOST = 200;

  private final Map<String, Requested> byToken =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Requested> eldest) {
          return size() > MOST;
        }
      };

  void keep(String token, Requested requested) {
    byToken.put(token, requested);
  }

  Optional<Requested> take(String token) {
    return Optional.ofNullable(byToken.remove(token));
  }
}
