package mail

import "strings"

// knownTypes are MIME types that are told as they are. Who sends a mail writes what he
// likes where they stand, a recipient's address too.
var knownTypes = fieldSet(`text/plain text/html text/calendar text/csv text/css text/enriched text/markdown text/richtext text/rtf
	text/vcard text/x-vcard text/xml text/javascript text/rfc822-headers text/x-amp-html text/watch-html
	image/gif image/jpeg image/jpg image/png image/svg+xml image/webp image/bmp image/tiff image/heic image/x-icon
	audio/mpeg audio/wav audio/x-wav audio/ogg audio/mp4 video/mp4 video/mpeg video/quicktime video/webm
	application/pdf application/zip application/gzip application/x-gzip application/x-zip-compressed application/x-7z-compressed
	application/x-rar-compressed application/vnd.rar application/x-tar application/octet-stream application/msword
	application/vnd.ms-excel application/vnd.ms-powerpoint application/vnd.ms-outlook application/ms-tnef
	application/vnd.openxmlformats-officedocument.wordprocessingml.document
	application/vnd.openxmlformats-officedocument.spreadsheetml.sheet
	application/vnd.openxmlformats-officedocument.presentationml.presentation
	application/vnd.oasis.opendocument.text application/vnd.oasis.opendocument.spreadsheet
	application/rtf application/json application/xml application/xhtml+xml application/javascript application/ics
	application/x-msdownload application/x-iso9660-image application/pgp-signature application/pgp-encrypted application/pgp-keys
	application/pkcs7-signature application/x-pkcs7-signature application/pkcs7-mime application/x-pkcs7-mime
	message/delivery-status message/disposition-notification message/partial message/external-body message/feedback-report`)

// toldType is a MIME type for people: what is not known is unknown, of its kind if that
// is.
func toldType(kind string) string {
	if knownTypes[kind] {
		return kind
	}
	switch top, _, _ := strings.Cut(kind, "/"); top {
	case "text", "image", "audio", "video", "application", "message", "font", "model":
		return top + "/unknown"
	}
	return "unknown"
}
