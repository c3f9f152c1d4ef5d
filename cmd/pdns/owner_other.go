//go:build !unix

package main

import "errors"

// ownerName is the user to whom a file belongs.
func ownerName(string) (string, error) { return "", errors.ErrUnsupported }
