// A service that answers only requests with a token of Peerproof for itself.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
)

// Claims are what a token of the format jwt says. docs/internal-token.md has all of them.
type Claims struct {
	jwt.RegisteredClaims
	ClientID string `json:"client_id"`
	Scope    string `json:"scope"`
	SpiffeID string `json:"spiffe_id"`
	BoundBy  string `json:"bound_by"`
}

// Verifier accepts the tokens of one issuer for one audience.
type Verifier struct {
	keys   keyfunc.Keyfunc
	parser *jwt.Parser
}

// NewVerifier fetches the keys, and again when a token names a key that is unknown.
func NewVerifier(ctx context.Context, jwksURL, issuer, audience string) (*Verifier, error) {
	keys, err := keyfunc.NewDefaultCtx(ctx, []string{jwksURL})
	if err != nil {
		return nil, err
	}
	return &Verifier{keys, jwt.NewParser(
		jwt.WithIssuer(issuer),
		jwt.WithAudience(audience),
		jwt.WithExpirationRequired(),
		// Never the algorithm that the token asks for: only those that Peerproof signs with.
		jwt.WithValidMethods([]string{"ES256", "EdDSA", "RS256"}),
	)}, nil
}

// Verify returns what the token says. An error says why it is refused.
func (v *Verifier) Verify(text string) (*Claims, error) {
	claims := &Claims{}
	token, err := v.parser.ParseWithClaims(text, claims, v.keys.Keyfunc)
	if err != nil {
		return nil, err
	}
	if token.Header["typ"] != "peerproof+jwt" {
		return nil, errors.New("not an internal token")
	}
	return claims, nil
}

func main() {
	verifier, err := NewVerifier(context.Background(), os.Getenv("JWKS_URL"), os.Getenv("ISSUER"), os.Getenv("AUDIENCE"))
	if err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		claims, err := verifier.Verify(strings.TrimSpace(r.Header.Get("X-Peerproof-Token")))
		if err != nil {
			http.Error(w, "unauthorized", http.StatusUnauthorized)
			return
		}
		fmt.Fprintf(w, "%s %s\n", claims.Subject, claims.SpiffeID)
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
