/* test-listener.c: where peers come in, over a real Unix socket
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "test-peer.h"

#include "ruche-bounds.h"
#include "ruche-error.h"
#include "ruche-frame.h"
#include "ruche-handshake.h"
#include "ruche-listener.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

typedef struct
{
  char *folder;
  char *path;
  RucheAddress *address;
  RucheListener *listener;
  GPtrArray *peers; /* (element-type TestPeer) let in */
} Fixture;

static void
on_connection (RucheListener *listener,
               RucheConnection *connection,
               RucheMessage *hello,
               gpointer data)
{
  Fixture *f = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (RucheMessage) answer
      = ruche_handshake_answer (hello, "test", 1, (gint64)f->peers->len + 1, NULL, &error);

  g_assert_no_error (error);
  g_assert_true (ruche_connection_send (connection, answer));
  g_ptr_array_add (f->peers, test_peer_new (g_object_ref (connection)));
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *top = g_dir_make_tmp ("ruche-XXXXXX", &error);

  g_assert_no_error (error);
  f->folder = g_build_filename (top, "made", NULL);
  f->path = g_build_filename (f->folder, "master.sock", NULL);
  f->address = ruche_address_new_unix (f->path);
  f->listener = ruche_listener_new ();
  f->peers = g_ptr_array_new_with_free_func ((GDestroyNotify)test_peer_free);
  g_signal_connect (f->listener, "connection", G_CALLBACK (on_connection), f);
}

static void
start (Fixture *f)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (ruche_listener_add (f->listener, f->address, &error));
  g_assert_no_error (error);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_autofree char *top = g_path_get_dirname (f->folder);
  RucheListener *left = f->listener;

  ruche_listener_stop (f->listener);
  g_assert_false (g_file_test (f->path, G_FILE_TEST_EXISTS));
  g_ptr_array_unref (f->peers);
  g_object_add_weak_pointer (G_OBJECT (left), (gpointer *)&left);
  g_object_unref (f->listener);
  for (guint i = 0; left != NULL && i < 3000; i++)
    test_loop_for (1);
  g_assert_null (left);
  g_rmdir (f->folder);
  g_rmdir (top);
  g_free (f->folder);
  g_free (f->path);
  ruche_address_free (f->address);
}

static int
connect_to (const char *path)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (fd, >=, 0);
  g_strlcpy (address.sun_path, path, sizeof address.sun_path);
  g_assert_no_errno (connect (fd, (struct sockaddr *)&address, sizeof address));
  return fd;
}

static void
say_hello (int fd)
{
  g_autoptr (RucheMessage) hello = ruche_handshake_hello (RUCHE_ROLE_CLIENT, "test", NULL);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  g_assert_true (ruche_message_encode (hello, bytes, NULL));
  test_raw_write (fd, bytes->data, bytes->len);
}

static void
assert_welcome (int fd)
{
  g_autoptr (RucheMessage) answer = test_raw_read (fd);
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (answer);
  g_assert_true (ruche_handshake_finish (answer, &error));
  g_assert_no_error (error);
}

static void
assert_error (int fd, int code)
{
  g_autoptr (RucheMessage) answer = test_raw_read (fd);
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (answer);
  g_assert_cmpint (answer->type, ==, RUCHE_MESSAGE_ERROR);
  error = ruche_message_to_error (answer);
  g_assert_error (error, RUCHE_ERROR, code);
  g_assert_null (test_raw_read (fd));
}

static void
test_client (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnectable) where = NULL;
  g_autoptr (GSocketConnection) stream = NULL;
  g_autoptr (TestPeer) peer = NULL;
  g_autoptr (RucheMessage) hello = ruche_handshake_hello (RUCHE_ROLE_CLIENT, "test", NULL);
  g_autoptr (GBytes) payload = NULL;
  g_autofree guint8 *bytes = g_malloc0 (RUCHE_MAX_PAYLOAD_SIZE);
  g_autoptr (RucheMessage) put = NULL;
  uid_t uid;

  start (f);
  where = ruche_address_to_connectable (f->address, &error);
  stream = g_socket_client_connect (client, where, NULL, &error);
  g_assert_no_error (error);
  peer = test_peer_new (ruche_connection_new (G_IO_STREAM (stream), G_PRIORITY_DEFAULT));
  ruche_connection_start (peer->connection);
  payload = g_bytes_new (bytes, RUCHE_MAX_PAYLOAD_SIZE);
  put = ruche_message_new_with_payload (RUCHE_MESSAGE_PUT, payload);
  ((RuchePut *)put->body)->blob = g_strnfill (64, 'a');
  g_assert_true (ruche_connection_send (peer->connection, hello));
  /* A stranger's frames are bounded more closely than those of a peer that was let in. */
  g_assert_true (ruche_connection_send (peer->connection, put));
  test_peer_wait (peer, 1);
  g_assert_true (ruche_handshake_finish (test_peer_get (peer, 0), &error));
  g_assert_no_error (error);
  g_assert_cmpuint (f->peers->len, ==, 1);
  test_peer_wait (f->peers->pdata[0], 1);
  g_assert_cmpint (test_peer_get (f->peers->pdata[0], 0)->type, ==, RUCHE_MESSAGE_PUT);
  g_assert_true (
      ruche_connection_get_peer (((TestPeer *)f->peers->pdata[0])->connection, &uid, NULL, &error));
  g_assert_cmpuint (uid, ==, getuid ());
}

static void
test_modes (Fixture *f, gconstpointer data)
{
  struct stat info;

  start (f);
  g_assert_no_errno (stat (f->folder, &info));
  g_assert_cmpuint (info.st_mode & 07777, ==, 0700);
  g_assert_no_errno (stat (f->path, &info));
  g_assert_true (S_ISSOCK (info.st_mode));
  g_assert_cmpuint (info.st_mode & 07777, ==, 0600);
}

static void
assert_add_fails (Fixture *f, int code, const char *said)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (ruche_listener_add (f->listener, f->address, &error));
  g_assert_error (error, RUCHE_ERROR, code);
  g_assert_nonnull (strstr (error->message, said));
}

/* Another master that lives is left alone; what a dead one left is replaced. */
static void
test_another_master (Fixture *f, gconstpointer data)
{
  g_autoptr (RucheListener) other = ruche_listener_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) dead = NULL;
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (f->path);
  int fd;

  g_assert_true (ruche_listener_add (other, f->address, &error));
  assert_add_fails (f, RUCHE_ERROR_EXISTS, f->path);
  g_assert_true (g_file_test (f->path, G_FILE_TEST_EXISTS));
  ruche_listener_stop (other);
  g_assert_false (g_file_test (f->path, G_FILE_TEST_EXISTS));

  dead = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, 0, NULL);
  g_assert_true (g_socket_bind (dead, address, FALSE, &error));
  g_assert_true (g_socket_listen (dead, &error));
  g_socket_close (dead, NULL);
  g_assert_true (g_file_test (f->path, G_FILE_TEST_EXISTS));
  start (f);
  fd = connect_to (f->path);
  say_hello (fd);
  assert_welcome (fd);
  close (fd);
}

/* Only what the listener made itself does it remove. */
static void
test_in_the_way (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_mkdir (f->folder, 0700);
  g_assert_true (g_file_set_contents (f->path, "precious", -1, &error));
  assert_add_fails (f, RUCHE_ERROR_EXISTS, f->path);
  ruche_listener_stop (f->listener);
  g_assert_true (g_file_test (f->path, G_FILE_TEST_IS_REGULAR));
  g_unlink (f->path);
  start (f);
  g_unlink (f->path);
  g_assert_true (g_file_set_contents (f->path, "precious", -1, &error));
  ruche_listener_stop (f->listener);
  g_assert_true (g_file_test (f->path, G_FILE_TEST_IS_REGULAR));
  g_unlink (f->path);
}

static void
test_bad_addresses (Fixture *f, gconstpointer data)
{
  g_autofree char *code
      = g_strconcat ("ruche://localhost:7117/?token=x&fp=", "00000000000000000000000000000000",
                     "00000000000000000000000000000000", NULL);
  g_autofree char *long_path = g_strnfill (200, 'x');

  ruche_address_free (f->address);
  f->address = ruche_address_parse (code, NULL);
  assert_add_fails (f, RUCHE_ERROR_UNSUPPORTED, "localhost:7117");
  ruche_address_free (f->address);
  f->address = ruche_address_new_unix (long_path);
  assert_add_fails (f, RUCHE_ERROR_INVALID, "107");
  ruche_address_free (f->address);
  f->address = ruche_address_new_unix ("/dev/null/folder/master.sock");
  assert_add_fails (f, RUCHE_ERROR_FAILED, "/dev/null/folder");
}

static void
test_two_addresses (Fixture *f, gconstpointer data)
{
  g_autofree char *second = g_strconcat (f->path, "2", NULL);
  g_autoptr (RucheAddress) address = ruche_address_new_unix (second);
  g_autoptr (GError) error = NULL;
  int fd;

  start (f);
  test_loop_for (5);
  g_assert_true (ruche_listener_add (f->listener, address, &error));
  for (guint i = 0; i < 2; i++)
    {
      fd = connect_to (i == 0 ? second : f->path);
      say_hello (fd);
      assert_welcome (fd);
      close (fd);
    }
}

static void
test_no_hello (Fixture *f, gconstpointer data)
{
  g_autoptr (RucheMessage) list = ruche_message_new (RUCHE_MESSAGE_LIST_SERVERS);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  int fd;

  start (f);
  ruche_message_set_serial (list, 1);
  g_assert_true (ruche_message_encode (list, bytes, NULL));
  fd = connect_to (f->path);
  test_raw_write (fd, bytes->data, bytes->len);
  assert_error (fd, RUCHE_ERROR_PROTOCOL);
  close (fd);
  fd = connect_to (f->path);
  test_raw_write (fd, "GET / HTTP/1.1\r\n\r\n", 18);
  assert_error (fd, RUCHE_ERROR_TOO_LARGE);
  close (fd);
  g_assert_cmpuint (f->peers->len, ==, 0);
}

/* A stranger may not send what a peer may. */
static void
test_large_hello (Fixture *f, gconstpointer data)
{
  guint8 prefix[8];
  int fd;

  start (f);
  for (guint i = 0; i < 2; i++)
    {
      ruche_frame_write_prefix (prefix, i == 0 ? 64 * 1024 + 1 : 2, i);
      fd = connect_to (f->path);
      test_raw_write (fd, prefix, sizeof prefix);
      assert_error (fd, RUCHE_ERROR_TOO_LARGE);
      close (fd);
    }
}

static void
test_silence (Fixture *f, gconstpointer data)
{
  int fds[3];

  start (f);
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    fds[i] = connect_to (f->path);
  /* A byte a second is not enough. */
  for (guint i = 0; i < 4; i++)
    {
      test_raw_write (fds[0], "\0", 1);
      test_loop_for (RUCHE_HANDSHAKE_TIMEOUT_MS / 5);
    }
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    {
      assert_error (fds[i], RUCHE_ERROR_PROTOCOL);
      close (fds[i]);
    }
  g_assert_cmpuint (f->peers->len, ==, 0);
}

#define N_SILENT 1000

/* However many say nothing, one who speaks gets in. */
static void
test_crowd (Fixture *f, gconstpointer data)
{
  struct rlimit files;
  int fds[N_SILENT];
  int fd;
  guint n_dropped = 0;

  g_assert_no_errno (getrlimit (RLIMIT_NOFILE, &files));
  files.rlim_cur = MIN (files.rlim_max, 4096);
  g_assert_cmpuint (files.rlim_cur, >=, 3000);
  g_assert_no_errno (setrlimit (RLIMIT_NOFILE, &files));
  start (f);
  for (guint i = 0; i < N_SILENT; i++)
    fds[i] = connect_to (f->path);
  fd = connect_to (f->path);
  say_hello (fd);
  assert_welcome (fd);
  for (guint i = 0; i < N_SILENT; i++)
    {
      char byte;
      if (recv (fds[i], &byte, 1, MSG_DONTWAIT) == 0)
        n_dropped++;
      close (fds[i]);
    }
  g_assert_cmpuint (n_dropped, >=, N_SILENT - RUCHE_MAX_HANDSHAKES);
  close (fd);
}

static void
count_warning (const char *domain, GLogLevelFlags level, const char *text, gpointer data)
{
  ++*(guint *)data;
}

/* Out of descriptors: the loop does not spin, and goes on when there are some again. */
static void
test_out_of_descriptors (Fixture *f, gconstpointer data)
{
  GLogLevelFlags fatal = g_log_set_always_fatal (G_LOG_FATAL_MASK);
  g_autoptr (GArray) fillers = g_array_new (FALSE, FALSE, sizeof (int));
  struct rlimit before, few;
  guint n_warnings = 0, handler;
  int waiting, filler, fd;

  start (f);
  waiting = connect_to (f->path);
  g_assert_no_errno (getrlimit (RLIMIT_NOFILE, &before));
  few = before;
  few.rlim_cur = (rlim_t)waiting + 1;
  g_assert_no_errno (setrlimit (RLIMIT_NOFILE, &few));
  while ((filler = open ("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
    g_array_append_val (fillers, filler);
  handler = g_log_set_handler ("ruche", G_LOG_LEVEL_WARNING, count_warning, &n_warnings);
  test_loop_for (300);
  g_log_remove_handler ("ruche", handler);
  g_assert_no_errno (setrlimit (RLIMIT_NOFILE, &before));
  for (guint i = 0; i < fillers->len; i++)
    close (g_array_index (fillers, int, i));
  g_log_set_always_fatal (fatal);
  g_assert_cmpuint (n_warnings, >=, 1);
  g_assert_cmpuint (n_warnings, <=, 10);
  fd = connect_to (f->path);
  say_hello (fd);
  assert_welcome (fd);
  say_hello (waiting);
  assert_welcome (waiting);
  close (fd);
  close (waiting);
}

static void
write_proc (const char *path, const char *text)
{
  int fd = open (path, O_WRONLY | O_CLOEXEC);

  g_assert_cmpint (write (fd, text, strlen (text)), ==, (gssize)strlen (text));
  close (fd);
}

/* A user namespace in which this process may mount and is known as @id. */
static void
enter_namespace (guint id)
{
  g_autofree char *users = g_strdup_printf ("%u %u 1", id, (guint)geteuid ());
  g_autofree char *groups = g_strdup_printf ("%u %u 1", id, (guint)getegid ());

  g_assert_no_errno (unshare (CLONE_NEWUSER | CLONE_NEWNS));
  write_proc ("/proc/self/setgroups", "deny");
  write_proc ("/proc/self/uid_map", users);
  write_proc ("/proc/self/gid_map", groups);
}

static void
child_full_disk (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *top = g_dir_make_tmp ("ruche-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (top, "master.sock", NULL);
  g_autofree char *deeper = g_build_filename (top, "run", "master.sock", NULL);
  g_autoptr (RucheAddress) address = ruche_address_new_unix (path);
  g_autoptr (RucheAddress) deeper_address = ruche_address_new_unix (deeper);
  g_autoptr (RucheListener) listener = ruche_listener_new ();

  enter_namespace (0);
  g_assert_no_errno (mount ("none", top, "tmpfs", 0, "size=4k,nr_inodes=1"));
  g_assert_false (ruche_listener_add (listener, address, &error));
  g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_NO_SPACE);
  g_assert_nonnull (strstr (error->message, path));
  g_clear_error (&error);
  g_assert_false (ruche_listener_add (listener, deeper_address, &error));
  g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_NO_SPACE);
  g_assert_no_errno (umount (top));
  g_rmdir (top);
}

static void
child_foreign_folder (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *own = g_dir_make_tmp ("ruche-XXXXXX", NULL);
  g_autofree char *path = NULL;
  g_autoptr (RucheAddress) address = NULL;
  g_autoptr (RucheListener) listener = ruche_listener_new ();

  /* Root may give a folder away; anybody else finds one that is neither theirs nor root's in a
   * namespace in which root is nobody. */
  if (geteuid () == 0)
    g_assert_no_errno (chown (own, 12345, 12345));
  else
    enter_namespace (1);
  path = g_build_filename (geteuid () == 0 ? own : "/usr", "master.sock", NULL);
  address = ruche_address_new_unix (path);
  g_assert_false (ruche_listener_add (listener, address, &error));
  g_assert_error (error, RUCHE_ERROR, RUCHE_ERROR_DENIED);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  g_rmdir (own);
}

/* What changes this whole process is done in one of its own. */
static void
test_in_child (gconstpointer path)
{
  g_test_trap_subprocess (path, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
  g_test_trap_assert_passed ();
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*run) (Fixture *f, gconstpointer data);
  } tests[] = {
    { "/listener/client", test_client },
    { "/listener/modes", test_modes },
    { "/listener/another-master", test_another_master },
    { "/listener/in-the-way", test_in_the_way },
    { "/listener/bad-addresses", test_bad_addresses },
    { "/listener/two-addresses", test_two_addresses },
    { "/listener/no-hello", test_no_hello },
    { "/listener/large-hello", test_large_hello },
    { "/listener/silence", test_silence },
    { "/listener/crowd", test_crowd },
    { "/listener/out-of-descriptors", test_out_of_descriptors },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].run, tear_down);
  g_test_add_data_func ("/listener/full-disk", "/listener/subprocess/full-disk", test_in_child);
  g_test_add_data_func ("/listener/foreign-folder", "/listener/subprocess/foreign-folder",
                        test_in_child);
  g_test_add_func ("/listener/subprocess/full-disk", child_full_disk);
  g_test_add_func ("/listener/subprocess/foreign-folder", child_foreign_folder);
  return g_test_run ();
}
