/* capture_remarks.h: what limits everything that can be said about a capture, in sentences: packets lost, cut short,
 * not understood, connections given up.
 */
#ifndef CLI_CAPTURE_REMARKS_H
#define CLI_CAPTURE_REMARKS_H

#include "analyzer/cli/report.h"

#define CAPTURE_REMARKS 9 /* there may be */
typedef char capture_remark_buffer[160];

/* Remark number i, written into buffer; NULL when there is no reason for it. */
const char *capture_remark(const struct report_capture *capture, unsigned i, capture_remark_buffer buffer);

#endif
