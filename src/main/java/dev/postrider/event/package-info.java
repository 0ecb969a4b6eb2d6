/**
 * Follows the store's event log for whoever listens on this node; knows {@code job} and {@code
 * store}. Nothing is read while nobody listens.
 */
@NullMarked
package dev.postrider.event;

import org.jspecify.annotations.NullMarked;
