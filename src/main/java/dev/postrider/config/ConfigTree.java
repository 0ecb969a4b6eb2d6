package dev.postrider.config;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The settings as a flat map from keys to values and back. The records are the one list of keys: a
 * component {@code port} of the component {@code http} is {@code http.port}.
 */
final class ConfigTree {

  private ConfigTree() {}

  /** Each key with the type of its value, in the order of the records. */
  static Map<String, Type> types() {
    Map<String, Type> types = new LinkedHashMap<>();
    collectTypes("", PostriderConfig.class, types);
    return types;
  }

  /** Each key with its value. */
  static Map<String, Object> values(PostriderConfig config) {
    Map<String, Object> values = new LinkedHashMap<>();
    collectValues("", config, values);
    return values;
  }

  /** The settings of which {@link #values} gives these values. */
  static PostriderConfig build(Map<String, Object> values) {
    return (PostriderConfig) build("", PostriderConfig.class, values);
  }

  /** All settings for a log, a line per section, without secrets. */
  static String describe(PostriderConfig config) {
    Map<String, List<String>> sections = new LinkedHashMap<>();
    values(config)
        .forEach(
            (key, value) -> {
              int dot = key.indexOf('.');
              String text = Values.format(key, value);
              String shown = key.equals("redis.url") ? RedisConfig.mask(text) : text;
              sections
                  .computeIfAbsent(dot < 0 ? key : key.substring(0, dot), s -> new ArrayList<>())
                  .add(dot < 0 ? shown : key.substring(dot + 1) + "=" + shown);
            });
    return sections.entrySet().stream()
        .map(section -> section.getKey() + ": " + String.join(" ", section.getValue()))
        .collect(Collectors.joining("\n"));
  }

  private static void collectTypes(String prefix, Class<?> record, Map<String, Type> into) {
    for (RecordComponent component : record.getRecordComponents()) {
      String key = prefix + component.getName();
      if (component.getType().isRecord()) {
        collectTypes(key + ".", component.getType(), into);
      } else {
        into.put(key, component.getGenericType());
      }
    }
  }

  private static void collectValues(String prefix, Object record, Map<String, Object> into) {
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      String key = prefix + component.getName();
      Object value = read(component, record);
      if (component.getType().isRecord()) {
        collectValues(key + ".", value, into);
      } else {
        into.put(key, value);
      }
    }
  }

  private static Object build(String prefix, Class<?> record, Map<String, Object> values) {
    RecordComponent[] components = record.getRecordComponents();
    Class<?>[] types = new Class<?>[components.length];
    Object[] arguments = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      String key = prefix + components[i].getName();
      types[i] = components[i].getType();
      arguments[i] = types[i].isRecord() ? build(key + ".", types[i], values) : values.get(key);
    }
    try {
      Constructor<?> constructor = record.getDeclaredConstructor(types);
      return constructor.newInstance(arguments);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof ConfigException refusal) {
        throw refusal;
      }
      throw new IllegalStateException(e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Object read(RecordComponent component, Object record) {
    try {
      return component.getAccessor().invoke(record);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}
