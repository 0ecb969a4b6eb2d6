/** The names of all metrics and their registration, in one place; knows {@code job}. */
@NullMarked
package dev.postrider.metrics;

import org.jspecify.annotations.NullMarked;
