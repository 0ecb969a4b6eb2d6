/**
 * The settings as records: their defaults, their rules, and how file, environment and command line
 * make them.
 */
@NullMarked
package dev.postrider.config;

import org.jspecify.annotations.NullMarked;
