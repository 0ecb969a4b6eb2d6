package dev.postrider.store;

import org.jspecify.annotations.Nullable;

/**
 * What something is to be set to.
 *
 * @param value null = nothing: it is removed
 */
public record Setting<T>(@Nullable T value) {}
