// zlib, as a module.
//
// `inflateInit2` is a macro, which Swift does not import; `czlib_inflate_init_gzip` is its
// importable form for gzip streams (16 asks for the gzip wrapper, with its checksum verified).
#pragma once
#include <zlib.h>

static inline int czlib_inflate_init_gzip(z_stream *stream) {
    return inflateInit2(stream, 16 + MAX_WBITS);
}
