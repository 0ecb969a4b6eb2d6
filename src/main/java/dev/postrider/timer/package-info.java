/**
 * The agents of time: each makes bounded passes over the store, again and again; knows {@code
 * store}. Any number of nodes run them at once, because each pass is one atomic step.
 */
@NullMarked
package dev.postrider.timer;

import org.jspecify.annotations.NullMarked;
