//go:build unix

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// An account is who the process becomes.
type account struct {
	name     string
	uid, gid int
	groups   []int
	stay     bool   // it stays who it is
	dir      string // the store, where it writes one
	socket   string // the collector's, where it sends to one
}

// account decides who to become once what takes root is open. Nothing is made or
// changed for that user while the process is root: whoever owns a directory can put
// links to the files of others there.
func (p *program) account(f *captureFlags) (a account, err error) {
	if a.socket = f.socket(); f.to == "" {
		a.dir = p.store
	}
	switch {
	case os.Geteuid() != 0 && f.user != "":
		return a, errors.New("--user: only root can become somebody else")
	case os.Geteuid() != 0:
		a.stay, a.name = true, strconv.Itoa(os.Geteuid())
	case f.user != "":
		err = a.lookup(f.user)
	case a.dir != "":
		err = a.ownerOfStore()
	default:
		err = a.ownerOfSocket()
	}
	return a, err
}

// lookup takes a user by name or number.
func (a *account) lookup(name string) error {
	u, err := user.Lookup(name)
	if err != nil {
		if u, err = user.LookupId(name); err != nil {
			return fmt.Errorf("--user %s: no such user", name)
		}
	}
	return a.set(u)
}

func (a *account) set(u *user.User) (err error) {
	a.name = u.Username
	if a.uid, err = strconv.Atoi(u.Uid); err != nil {
		return err
	}
	if a.gid, err = strconv.Atoi(u.Gid); err != nil {
		return err
	}
	ids, err := u.GroupIds()
	for _, id := range ids {
		if n, err := strconv.Atoi(id); err == nil {
			a.groups = append(a.groups, n)
		}
	}
	return err
}

// ownerOfStore takes the owner of the store's directory, or of the one that the
// store will make it in.
func (a *account) ownerOfStore() error {
	at := a.dir
	if _, err := os.Stat(at); errors.Is(err, fs.ErrNotExist) {
		at = filepath.Dir(filepath.Clean(a.dir))
	}
	uid, gid, err := ownership(at)
	switch {
	case err != nil:
		return err
	case uid != 0:
		return a.number(at, uid, gid)
	case at != a.dir:
		return withHint(fmt.Errorf("%s does not exist, and root does not make it for others", a.dir),
			fmt.Sprintf("make it for the user that pdns is to become: install -d -m 700 -o USER %s", a.dir))
	}
	return withHint(fmt.Errorf("%s belongs to root, who does not listen to a network", a.dir),
		fmt.Sprintf("chown -R USER %s, or --user root if it has to be", a.dir))
}

// ownerOfSocket takes whoever may write to the socket of a collector for certain.
// Where root owns it, or there is none, nobody has to do.
func (a *account) ownerOfSocket() error {
	for _, at := range []string{a.socket, filepath.Dir(a.socket)} {
		if a.socket == "" {
			break
		}
		if uid, gid, err := ownership(at); err == nil && uid != 0 {
			return a.number(at, uid, gid)
		}
	}
	return a.lookup("nobody")
}

// number takes the owner of a file, who may have no name: then the group is the
// file's.
func (a *account) number(at string, uid, gid int) error {
	u, err := user.LookupId(strconv.Itoa(uid))
	switch {
	case err == nil:
		return a.set(u)
	case gid == 0:
		return withHint(fmt.Errorf("%s belongs to user %d, who has no name, and to the group of root", at, uid),
			fmt.Sprintf("chgrp GROUP %s, or name a user with --user", at))
	}
	a.name, a.uid, a.gid = strconv.Itoa(uid), uid, gid
	return nil
}

func owner(path string) (uid int, err error) {
	uid, _, err = ownership(path)
	return uid, err
}

func ownership(path string) (uid, gid int, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, 0, err
	}
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0, fmt.Errorf("%s: no owner", path)
	}
	return int(s.Uid), int(s.Gid), nil
}

// explain adds to an error of opening the store what it may be about.
func (a *account) explain(err error) error {
	if !errors.Is(err, fs.ErrPermission) || a.dir == "" || a.stay {
		return err
	}
	what := "chown -R " + a.name
	if _, missing := os.Stat(a.dir); errors.Is(missing, fs.ErrNotExist) {
		what = "install -d -m 700 -o " + a.name
	}
	return withHint(err, fmt.Sprintf("pdns works as user %s now: %s %s, with the directories above open to it, or name another with --user",
		a.name, what, a.dir))
}

// refused is what to do where a collector's socket is closed to the account; "" if
// err is about something else.
func (a *account) refused(err error) string {
	if a.socket == "" || !errors.Is(err, fs.ErrPermission) {
		return ""
	}
	return fmt.Sprintf("pdns works as user %s, who may not write to %s: start it as root with --user, for a user who may", a.name, a.socket)
}

// give gives root up, and every capability.
func (p *program) give(a account) error {
	if !a.stay {
		if err := a.become(); err != nil {
			return fmt.Errorf("to become user %s: %w", a.name, err)
		}
		if !p.quiet {
			p.say("works as user %s", a.name)
		}
	}
	if err := dropPrivileges(); err != nil {
		return fmt.Errorf("to give privileges up: %w", err)
	}
	return nil
}

// become changes the user of the whole process, for good.
func (a *account) become() error {
	if err := syscall.Setgroups(a.groups); err != nil {
		return err
	}
	if err := syscall.Setgid(a.gid); err != nil {
		return err
	}
	if err := syscall.Setuid(a.uid); err != nil {
		return err
	}
	if a.uid != 0 && syscall.Setuid(0) == nil {
		return errors.New("root came back")
	}
	return nil
}
