/* SPDX-License-Identifier: GPL-3.0-or-later */
/* api.h - the handlers that the table of routes names */

#ifndef SERVER_API_H
#define SERVER_API_H

struct request;

/* api_sessions.c: E1, E3, E4, E5; api_list.c: E2 */
void	api_sessions_create(struct request *rq);
void	api_sessions_get(struct request *rq);
void	api_sessions_update(struct request *rq);
void	api_sessions_close(struct request *rq);
void	api_sessions_list(struct request *rq);
/* api_auth.c: E11, E12 */
void	api_auth_claims(struct request *rq);
void	api_auth_public_token(struct request *rq);
/* api_append.c: E6, E7; E17 */
void	api_append(struct request *rq);
void	api_direct(struct request *rq);
/* api_stream.c: E8, E9 */
void	api_stream(struct request *rq);
/* api_records.c: E10 */
void	api_records(struct request *rq);
/* api_transcript.c: E14 */
void	api_transcript(struct request *rq);
/* api_chatd.c, api_export.c, api_import.c: our own */
void	api_chatd_resolve(struct request *rq);
void	api_chatd_newest(struct request *rq);
void	api_chatd_list(struct request *rq);
void	api_chatd_get(struct request *rq);
void	api_chatd_update(struct request *rq);
void	api_chatd_delete(struct request *rq);
void	api_chatd_fork(struct request *rq);
void	api_chatd_search(struct request *rq);
void	api_export(struct request *rq);
void	api_import(struct request *rq);
void	api_health(struct request *rq);
/* api_presence.c: our own */
void	api_presence(struct request *rq);
void	api_claim(struct request *rq);
void	api_release(struct request *rq);
void	api_servers(struct request *rq);

#endif
