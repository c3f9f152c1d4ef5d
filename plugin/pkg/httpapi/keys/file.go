package keys

import (
	"context"
	"errors"
)

// Errors of Check, beside those of Grant.Valid.
var (
	ErrUnknown = errors.New("no such key")
	ErrBusy    = errors.New("too many keys are being checked, ask again later")
)

// A File is the keys that a file lists. It is safe for concurrent use.
type File struct{}

// Open reads a file of keys and follows its changes until Close. terms hold for
// keys that do not say otherwise. complain is told of a change that is not taken
// since it is malformed.
func Open(path string, terms Terms, complain func(error)) (*File, error) { return &File{}, nil }

// Check returns what the key with a secret may: ErrUnknown if there is none,
// ErrExpired, ErrRevoked, ErrBusy.
func (f *File) Check(ctx context.Context, secret string) (*Grant, error) { return nil, ErrUnknown }

// Close ends the following, and the use of the keys.
func (f *File) Close() error { return nil }
