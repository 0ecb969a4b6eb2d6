package dev.postrider.dispatch;

import org.jspecify.annotations.Nullable;

/**
 * Whose polls in a line are alike: what one of them was answered would have been the others'.
 *
 * @param worker its name
 * @param maxTasksPerSecond as it asks for it; null = any number
 */
record Asker(String worker, @Nullable Double maxTasksPerSecond) {}
