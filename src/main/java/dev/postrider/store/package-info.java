/**
 * The persistence vocabulary: one method per verb with its sealed result, which {@code store.redis}
 * implements; depends on {@code job} alone.
 */
@NullMarked
package dev.postrider.store;

import org.jspecify.annotations.NullMarked;
