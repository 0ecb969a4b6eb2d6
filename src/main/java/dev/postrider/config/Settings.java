package dev.postrider.config;

import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Settings gathered from their sources as text; each source overrides the ones before it. */
final class Settings {

  private static final String PREFIX = "POSTRIDER_";

  private final Map<String, Type> types = ConfigTree.types();
  private final Map<String, String> texts = new TreeMap<>();
  private final Map<String, String> sources = new TreeMap<>();

  Settings addFile(Optional<Path> required, Path usual) {
    if (required.isPresent()) {
      addAll(ConfigFile.read(required.get()), required.get().toString());
    } else if (Files.exists(usual)) {
      addAll(ConfigFile.read(usual), usual.toString());
    }
    return this;
  }

  /**
   * Variables of a section that there is, and those that are nearly a setting, must be one; other
   * names beginning with the prefix belong to somebody else (an orchestrator sets
   * POSTRIDER_SERVICE_HOST for a service named postrider).
   */
  Settings addEnvironment(Map<String, String> environment) {
    Map<String, String> names = new TreeMap<>();
    types.keySet().forEach(key -> names.put(variable(key), key));
    new TreeMap<>(environment)
        .forEach(
            (name, value) -> {
              if (!name.startsWith(PREFIX)) {
                return;
              }
              String key = names.get(name);
              if (key != null) {
                put(key, value, name);
              } else if (isMeantForUs(name)) {
                throw unknown("environment variable " + name, name, names.keySet());
              }
            });
    return this;
  }

  Settings addAssignments(List<String> assignments) {
    for (String assignment : assignments) {
      int equals = assignment.indexOf('=');
      if (equals < 0) {
        throw new ConfigException("--set must be key=value, not \"" + assignment + "\"");
      }
      String key = assignment.substring(0, equals).trim();
      require(key, "--set");
      put(key, assignment.substring(equals + 1).trim(), "--set");
    }
    return this;
  }

  PostriderConfig toConfig() {
    Map<String, Object> values = ConfigTree.values(PostriderConfig.DEFAULT);
    try {
      texts.forEach((key, text) -> values.put(key, Values.parse(key, type(key), text)));
      return ConfigTree.build(values);
    } catch (ConfigException e) {
      String key = String.valueOf(e.getMessage()).split(" ", 2)[0];
      String source = sources.get(key);
      throw source == null ? e : new ConfigException(e.getMessage() + " (from " + source + ")");
    }
  }

  /**
   * The environment variable of a key: {@code http.maxBodyBytes} is POSTRIDER_HTTP_MAX_BODY_BYTES.
   */
  static String variable(String key) {
    String words = key.replace('.', '_').replaceAll("(?<=[a-z])(?=[A-Z])", "_");
    return PREFIX + words.toUpperCase(Locale.ROOT);
  }

  private void addAll(Map<String, String> values, String source) {
    values.forEach(
        (key, value) -> {
          require(key, source);
          put(key, value, source);
        });
  }

  private void put(String key, String text, String source) {
    texts.put(key, text);
    sources.put(key, source);
  }

  private Type type(String key) {
    Type type = types.get(key);
    if (type == null) {
      throw new IllegalStateException(key + " was let in without being known");
    }
    return type;
  }

  private void require(String key, String source) {
    if (!types.containsKey(key)) {
      throw unknown("setting " + key + " in " + source, key, types.keySet());
    }
  }

  private boolean isMeantForUs(String name) {
    boolean sectionExists =
        types.keySet().stream()
            .filter(key -> key.contains("."))
            .map(key -> variable(key.substring(0, key.indexOf('.'))) + "_")
            .anyMatch(name::startsWith);
    return sectionExists
        || Suggestion.closest(name, types.keySet().stream().map(Settings::variable).toList())
            .isPresent();
  }

  private static ConfigException unknown(String what, String written, Collection<String> known) {
    String hint =
        Suggestion.closest(written, known).map(key -> ", did you mean " + key + "?").orElse("");
    return new ConfigException("unknown " + what + hint);
  }
}
