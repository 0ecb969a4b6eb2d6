package dev.postrider.store.redis;

import dev.postrider.redis.Script;
import java.util.HashMap;
import java.util.Map;

/** The whole texts of scripts, their includes in place. */
final class ScriptTexts {
  private static final Map<String, String> TEXTS = new HashMap<>();

  private ScriptTexts() {}

  static synchronized String of(Script script) {
    return TEXTS.computeIfAbsent(script.name(), LuaSource::text);
  }
}
