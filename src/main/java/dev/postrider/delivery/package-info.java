/**
 * The worker that is built into each node and delivers webhooks; knows {@code job}, {@code store}
 * and {@code dispatch}. What it leased it works on at once, never one task behind another.
 */
@NullMarked
package dev.postrider.delivery;

import org.jspecify.annotations.NullMarked;
