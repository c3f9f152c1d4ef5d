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
	stay     bool // it stays who it is
	dir      string
}

// account decides who to become once what takes root is open, and makes the
// directory of the store for that user.
func (p *program) account(f *captureFlags) (a account, err error) {
	if f.to == "" {
		a.dir = p.store
	}
	switch {
	case os.Geteuid() != 0 && f.user != "":
		return a, errors.New("--user: only root can become somebody else")
	case os.Geteuid() != 0:
		a.stay = true
		return a, nil
	case f.user != "":
		err = a.lookup(f.user)
	default:
		err = a.choose()
	}
	if err == nil {
		err = a.makeDir()
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

// choose takes the owner of the store's directory, or of the one that it will be
// in, or else nobody.
func (a *account) choose() error {
	if a.dir != "" {
		uid, err := owner(a.dir)
		switch {
		case err == nil && uid == 0:
			return withHint(fmt.Errorf("%s belongs to root, who does not listen to a network", a.dir),
				fmt.Sprintf("chown -R USER %s, or --user root if it has to be", a.dir))
		case errors.Is(err, fs.ErrNotExist):
			uid, err = owner(filepath.Dir(filepath.Clean(a.dir)))
		}
		if err != nil {
			return err
		}
		if uid != 0 {
			return a.number(uid)
		}
	}
	return a.lookup("nobody")
}

// number takes a user who may have no name.
func (a *account) number(uid int) error {
	u, err := user.LookupId(strconv.Itoa(uid))
	if err != nil {
		*a = account{name: strconv.Itoa(uid), uid: uid, gid: uid, dir: a.dir}
		return nil
	}
	return a.set(u)
}

func owner(path string) (uid int, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, fmt.Errorf("%s: no owner", path)
	}
	return int(s.Uid), nil
}

// makeDir makes a directory that is not there yet for the user.
func (a *account) makeDir() error {
	if a.dir == "" || a.uid == 0 {
		return nil
	}
	if _, err := os.Stat(a.dir); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(a.dir, 0o700); err != nil {
		return err
	}
	return os.Chown(a.dir, a.uid, a.gid)
}

// explain adds to an error of opening what it may be about.
func (a *account) explain(err error) error {
	if !errors.Is(err, fs.ErrPermission) || a.dir == "" || a.stay {
		return err
	}
	return withHint(err, fmt.Sprintf("pdns works as user %s now: chown -R %s %s, with the directories above open to it, or name another with --user",
		a.name, a.name, a.dir))
}

// give gives root up.
func (p *program) give(a account) error {
	if !a.stay {
		if err := a.become(); err != nil {
			return fmt.Errorf("to become user %s: %w", a.name, err)
		}
		if !p.quiet {
			p.say("works as user %s", a.name)
		}
	}
	if err := noNewPrivileges(); err != nil {
		p.say("warning: no_new_privs: %v", err)
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
