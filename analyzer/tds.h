/* tds.h: the header of SQL Server's packets (MS-TDS 2.2.3.1): type, status, length with the header (big-endian), and
 * four bytes more.
 */
#ifndef ANALYZER_TDS_H
#define ANALYZER_TDS_H

enum { TDS_REPLY = 0x04, TDS_LOGIN7 = 0x10, TDS_PRELOGIN = 0x12 }; /* types (2.2.3.1.1) */
enum { TDS_STATUS_END = 0x01 }; /* the message's last packet (2.2.3.1.2) */
enum { TDS_HEADER = 8 };

#endif
