//go:build unix

package main

import (
	"os/user"
	"strconv"
)

// ownerName is the user to whom a file belongs, by number if it has no name.
func ownerName(path string) (string, error) {
	uid, err := owner(path)
	if err != nil {
		return "", err
	}
	number := strconv.Itoa(uid)
	if u, err := user.LookupId(number); err == nil {
		return u.Username, nil
	}
	return number, nil
}
