// Package postgres is PostgreSQL with INSERT ... ON CONFLICT out of a staging
// table that is filled by COPY. The server is one of its own, on a unix socket in
// a directory of its own.
package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"example.org/pdns/test/bench/peers/peer"
)

// settings of the server. A crash may lose the last moment, as it may in the
// store that it is compared with.
var settings = map[string]string{
	"listen_addresses":   "",
	"fsync":              "on",
	"synchronous_commit": "off",
	"shared_buffers":     "256MB",
	"max_wal_size":       "2GB",
	"wal_level":          "minimal",
	"max_wal_senders":    "0",
	"max_connections":    "4",
	"log_min_messages":   "panic",
}

// A server runs as an unprivileged user, as it insists on.
type server struct {
	cmd    *exec.Cmd
	socket string
	errs   bytes.Buffer
}

// program finds one of the server's, which Debian keeps out of the path.
func program(name string) (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if err == nil && len(found) > 0 {
		return found[len(found)-1], nil
	}
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	return "", fmt.Errorf("%s: %w", name, peer.ErrMissing)
}

// start makes a database in dir and starts a server on it.
func start(dir string) (*server, error) {
	initdb, err := program("initdb")
	if err != nil {
		return nil, err
	}
	postgres, err := program("postgres")
	if err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "data")
	s := &server{}
	if s.socket, err = os.MkdirTemp("", "peers-pg-"); err != nil { // the path of a socket must be short
		return nil, err
	}
	attr, err := unprivileged(s.socket, dir)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(s.socket))
	}
	create := exec.Command(initdb, "-D", data, "-U", "peers", "-A", "trust", "-E", "SQL_ASCII", "--no-locale", "-N")
	create.SysProcAttr, create.Dir = attr, s.socket
	if out, err := create.CombinedOutput(); err != nil {
		return nil, errors.Join(fmt.Errorf("initdb: %w\n%s", err, out), os.RemoveAll(s.socket))
	}
	args := []string{"-D", data, "-k", s.socket}
	for name, value := range settings {
		args = append(args, "-c", name+"="+value)
	}
	s.cmd = exec.Command(postgres, args...)
	s.cmd.SysProcAttr, s.cmd.Dir, s.cmd.Stderr = attr, s.socket, &s.errs
	return s, s.cmd.Start()
}

// unprivileged makes directories those of the user that the server runs as, which
// is postgres if this is root.
func unprivileged(dirs ...string) (*syscall.SysProcAttr, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return nil, err
	}
	for _, dir := range dirs {
		if err := os.Chown(dir, uid, gid); err != nil {
			return nil, err
		}
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, nil
}

// connect waits until the server answers.
func (s *server) connect(ctx context.Context) (*pgx.Conn, error) {
	config := fmt.Sprintf("host=%s user=peers dbname=postgres", s.socket)
	var last error
	for range 300 {
		c, err := pgx.Connect(ctx, config)
		if err == nil {
			return c, nil
		}
		last = err
		time.Sleep(100 * time.Millisecond)
	}
	return nil, fmt.Errorf("no answer of the server: %w\n%s", last, s.errs.String())
}

// stop ends the server at once, but in order.
func (s *server) stop() error {
	err := s.cmd.Process.Signal(syscall.SIGINT)
	if err == nil {
		err = s.cmd.Wait()
	}
	return errors.Join(err, os.RemoveAll(s.socket))
}
