//go:build !unix

package main

// An account is who the process becomes, where there is such a thing.
type account struct{}

func (p *program) account(*captureFlags) (account, error) { return account{}, nil }

func (p *program) give(account) error { return nil }

func (a *account) explain(err error) error { return err }

func (a *account) refused(error) string { return "" }
