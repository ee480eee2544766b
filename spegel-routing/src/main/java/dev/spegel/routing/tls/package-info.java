/** TLS with certificates and keys in PEM files that somebody replaces. Open {@link dev.spegel.routing.tls.ReloadedTls}. */
@NullMarked
package dev.spegel.routing.tls;

import org.jspecify.annotations.NullMarked;
