package main

import (
	sys "golang.org/x/sys/unix"
	"kernel.org/pub/linux/libs/security/libcap/cap"
)

// dropPrivileges clears the capabilities of every thread: whoever is not root may
// have them from the file of the program. By executing another, none ever comes
// back (prctl(2), PR_SET_NO_NEW_PRIVS).
func dropPrivileges() error {
	if err := cap.NewSet().SetProc(); err != nil {
		return err
	}
	_, err := cap.Prctlw(sys.PR_SET_NO_NEW_PRIVS, 1)
	return err
}
