package dev.postrider.api;

import dev.postrider.api.json.Fields;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a request says about one option.
 *
 * @param given whether it says anything
 * @param value null = as a start makes it that says nothing
 */
record Change<T>(boolean given, @Nullable T value) {

  /**
   * Reads the field of that name.
   *
   * @param reader of a value that is not null
   */
  static <T> Change<T> of(Fields fields, String name, Function<String, @Nullable T> reader) {
    return fields.isNull(name)
        ? new Change<>(true, null)
        : new Change<>(fields.has(name), reader.apply(name));
  }

  /** The option as it becomes, for one whose default is not to be there. */
  @Nullable T or(@Nullable T now) {
    return given ? value : now;
  }

  /** The option as it becomes. */
  T or(T now, T otherwise) {
    if (!given) {
      return now;
    }
    return value == null ? otherwise : value;
  }
}
