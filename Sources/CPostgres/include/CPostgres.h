/* PostgreSQL's client library, loaded when a ledger on a server is opened and not before: no other command pays for it or
   needs it. Its functions have their own names, as members of what cpg_load gives. */
#ifndef CPOSTGRES_H
#define CPOSTGRES_H

#include <postgresql/libpq-fe.h>
#include <stddef.h>

/* Every function that is used, and no other. */
#define CPG_FUNCTIONS(F)                                                                                                \
    F(PQconninfoParse) F(PQconninfoFree) F(PQfreemem)                                                                   \
    F(PQconnectStartParams) F(PQconnectPoll) F(PQstatus) F(PQsocket) F(PQerrorMessage) F(PQfinish)                      \
    F(PQserverVersion) F(PQparameterStatus) F(PQbackendPID) F(PQtransactionStatus) F(PQconnectionNeedsPassword)         \
    F(PQsetNoticeReceiver) F(PQsetErrorVerbosity) F(PQsetnonblocking)                                                                         \
    F(PQenterPipelineMode) F(PQpipelineSync) F(PQsendQueryParams) F(PQsendPrepare) F(PQsendQueryPrepared)               \
    F(PQflush) F(PQconsumeInput) F(PQisBusy) F(PQgetResult) F(PQnotifies)                                               \
    F(PQresultStatus) F(PQresultErrorField) F(PQresultErrorMessage) F(PQntuples) F(PQnfields) F(PQgetvalue)             \
    F(PQgetlength) F(PQgetisnull) F(PQcmdTuples) F(PQclear)

#define CPG_MEMBER(name) __typeof__(&name) name;
typedef struct {
    CPG_FUNCTIONS(CPG_MEMBER)
} cpg_library;
#undef CPG_MEMBER

/* The library, which stays loaded; NULL where it cannot be: then `problem` says why, for the life of the process. From any
   thread. */
const cpg_library *cpg_load(const char **problem);

/* What a connection was told besides its answers. */
typedef struct {
    const cpg_library *library;
    int is_uncertain; /* a commit was answered, and is not on the standby that it should have waited for (warning 01000) */
} cpg_notices;

/* Notices of a connection go nowhere but into `notices`, which outlives it: what they say is for people at a prompt. */
void cpg_note_notices(cpg_notices *notices, PGconn *connection);

#endif
