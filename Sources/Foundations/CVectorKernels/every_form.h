// Includes FORM_HEADER for each SCALAR, of which LANES fill a line, and each FORM (a suffix) with its TARGET.

#define SCALAR float
#define LANES 16
#include "every_target.h"
#undef SCALAR
#undef LANES

#define SCALAR double
#define LANES 8
#include "every_target.h"
#undef SCALAR
#undef LANES
