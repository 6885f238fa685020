/** The comments at the top of the Kustomize files: what a file is for, what to change, and how to check it. */

/** The lines of a file's comment. `path`: below `kustomize/`. @throws if the file has none */
export function commentOf(path: string): string {
  const name = path.split('/').at(-1) ?? path;
  const text = Object.hasOwn(comments, path) ? comments[path] : comments[name];
  if (!text) throw new Error(`kustomize/${path} has no comment in tools/chart/comments.ts`);
  return `${text.trim().replace(/^/gm, '# ')}\n`;
}

/** By path, or by name for every folder. */
const comments: Readonly<Record<string, string>> = {
  'base/kustomization.yaml': `
For:    what is the same in each overlay. \`npm run docs\` writes all files below kustomize/ from the Helm chart.
Change: nothing here. Apply an overlay, which has this as its base.
Check:  kubectl kustomize kustomize/base
`,
  'kustomization.yaml': `
For:    installs Peerproof with \`kubectl apply -k\`, with the same objects as the Helm chart. \`npm run docs\` writes this
        folder from the chart, with the values in charts/peerproof/ci/.
Change: nothing here. Write a folder of your own, which names this one under \`resources\`, and your image, your
        peerproof.yaml and your patches: docs/deploy/kustomize.md shows it. Do not put secrets into peerproof.yaml:
        mount a Secret, and set its path with a \`...File\` setting.
        The pods read a changed configuration about a minute later. If it has an error, the previous one stays in use:
        see /readyz, the metric peerproof_configuration_refused, and the log.
Check:  peerproof validate --config peerproof.yaml
        kubectl -n peerproof rollout status deployment/peerproof     (a pod is ready when it has tried each issuer once)
`,
  // The path of the schema is that of a copy in a folder beside kustomize/.
  'peerproof.yaml': `
yaml-language-server: $schema=../peerproof.schema.json
For:    the first configuration of Peerproof, mounted at /etc/peerproof/peerproof.yaml.
Change: in a copy: issuer and audiences, then the rules. docs/reference/settings.md has every setting.
Check:  peerproof validate --config peerproof.yaml
`,
  'namespace.yaml': `
For:    the namespace of Peerproof. A label of the pods asks for the sidecar, so this needs none.
Change: the name, with \`namespace: …\` in your kustomization.yaml. Provider and configuration name it too. Never let a
        CUSTOM policy or an APIRule cover this namespace: Peerproof would have to check requests to itself.
Check:  kubectl get namespace peerproof --show-labels             (no istio-injection=disabled)
`,
  'service-account.yaml': `
For:    the identity of Peerproof: spiffe://cluster.local/ns/peerproof/sa/peerproof. It has no rights in the Kubernetes
        API, and its token is not mounted.
Change: nothing, unless an issuer uses TokenReview. In that case add the component
        kustomize/components/token-review, which also mounts the token.
Check:  kubectl auth can-i --list --as=system:serviceaccount:peerproof:peerproof
`,
  'pod-disruption-budget.yaml': `
For:    keeps replicas running while nodes are drained: only one replica at a time is stopped.
Change: nothing. It works for two or more replicas.
Check:  kubectl -n peerproof get poddisruptionbudget peerproof                     (ALLOWED DISRUPTIONS is 1)
`,
  'deployment.yaml': `
For:    runs Peerproof: stateless replicas behind the Service, without root, without capabilities, on a read-only file
        system.
Change: the image, under \`images\` in your kustomization.yaml: \`ghcr.io/peerproof/peerproof\` is a placeholder. Build
        yours with the Dockerfile of this repository, push it, and name it by digest if possible. Then replicas and
        resources: each protected request waits for this service, so plan for the loss of a node. There is no CPU limit
        on purpose, because throttling would delay each request.
        terminationGracePeriodSeconds is the sum of the times after SIGTERM, with some reserve. Peerproof answers for
        5 s more, while proxies stop sending checks. Then it lets open calls finish for up to 20 s.
        terminationDrainDuration keeps a sidecar running for the same time: its default of 5 s would cut these calls. A
        native sidecar stops after Peerproof, so both times add up.
Check:  kubectl -n peerproof get pods -o wide     (all ready, on different nodes; 2/2 with a sidecar, and 1/1 without)
        kubectl -n peerproof exec deployment/peerproof -c peerproof -- \\
          node -e "fetch('http://127.0.0.1:9003/readyz').then(async (r) => console.log(r.status, await r.text()))"
`,
  'service.yaml': `
For:    the address at which proxies ask: peerproof.peerproof.svc.cluster.local, port 9001.
Change: nothing. The name of a port tells Istio its protocol. Without \`grpc\` at its start, Istio would balance checks by
        connection, and one replica would get them all. \`http-admin\` is for the collection of metrics (/metrics).
Check:  in Istio: istioctl proxy-config endpoints <a protected pod> -n applications \\
          --cluster "outbound|9001||peerproof.peerproof.svc.cluster.local"        (one HEALTHY line per replica)
`,
  'overlays/kyma/service.yaml': `
For:    the address that istio/kyma/mesh/istio-cr.yaml names: peerproof.peerproof.svc.cluster.local, port 9002.
Change: nothing. appProtocol tells Istio that checks are HTTP. Istio then balances them by request. The annotations are
        for the metric agent of Kyma's telemetry module, which reads those of a Service if the pods have a sidecar. It
        works when a MetricPipeline enables the input \`prometheus\`.
Check:  istioctl proxy-config endpoints <a protected pod> -n applications \\
          --cluster "outbound|9002||peerproof.peerproof.svc.cluster.local"        (one HEALTHY line per replica)
`,
  'components/token-review/kustomization.yaml': `
For:    issuers with \`kubernetes: {verify: tokenReview}\` or \`both\`: lets Peerproof ask the API server about tokens.
        \`verify: jwks\` does not need it: Kubernetes shows the keys to every ServiceAccount.
Change: nothing. Name this folder under \`components\` in your kustomization.yaml, but only if an issuer needs it: with this
        right, Peerproof can find out whether any token is valid.
Check:  kubectl auth can-i create tokenreviews.authentication.k8s.io \\
          --as=system:serviceaccount:peerproof:peerproof
        kubectl auth can-i create subjectaccessreviews.authorization.k8s.io \\
          --as=system:serviceaccount:peerproof:peerproof                                              (no)
        Without the right, such checks are 503 with the reason \`api_server_forbidden\`.
`,
  'components/authorization-rules/kustomization.yaml': `
For:    \`rulesFrom: {kubernetes: {}}\`: the kind AuthorizationRules, the right to watch the rules of teams, and the right to
        write their status.
Change: nothing. Name this folder under \`components\` in your kustomization.yaml.
Check:  kubectl auth can-i watch authorizationrules.peerproof.io \\
          --as=system:serviceaccount:peerproof:peerproof
`,
  'custom-resource-definition.yaml': `
For:    the kind AuthorizationRules.
Change: nothing. \`kubectl delete -k\` would delete it with the rules of all teams.
Check:  kubectl explain authorizationrules.spec
`,
  'cluster-role.yaml': `
For:    the right that this folder is about.
Change: nothing.
Check:  kubectl describe clusterrole -l app.kubernetes.io/name=peerproof
`,
  'cluster-role-binding.yaml': `
For:    gives the right to the ServiceAccount of Peerproof.
Change: the namespace of the subject follows \`namespace: …\` in your kustomization.yaml by itself.
Check:  kubectl describe clusterrolebinding -l app.kubernetes.io/name=peerproof
`,
  'peer-authentication.yaml': `
For:    lets the proxy before Peerproof accept only mTLS. Peerproof believes what a check says (certificate, XFCC,
        principal) because its caller is a proxy of the mesh. Without mTLS, every program could send such a check. It must
        stay STRICT here even if the mesh is not. The probes of the kubelet still work: Istio sends them through its agent.
Change: nothing. Every Istio release in use serves the version v1beta1 of this API. Version v1 is the same, since 1.22.
Check:  a request from a pod without a sidecar must fail:
          kubectl run plain --rm -i --restart=Never --labels=sidecar.istio.io/inject=false --image=curlimages/curl -- \\
            curl -sS -m 5 http://peerproof.peerproof:9003/metrics
`,
  'authorization-policy.yaml': `
For:    limits who may call Peerproof. Port 9001: only the listed proxies, by the identity in their mTLS certificate, and
        only the Check method. Port 9003: only Prometheus, and only /metrics. Everything else is refused. Peerproof
        believes what a caller of port 9001 says about its peer, so this list is part of the security of the system.
Change: the principals of rule 1. List each protected workload, because a sidecar calls with the identity of its own
        workload. A \`*\` at the end matches by prefix: here each ServiceAccount of the namespace \`applications\`. Also
        list each gateway that calls Peerproof itself. If Helm installed the gateway, its ServiceAccount has the name of
        the release. The principal of rule 2: set it to that of your Prometheus, or remove the rule.
        Never set the action to CUSTOM: each check would then need another check.
Check:  from a workload that is not listed:   grpcurl -plaintext peerproof.peerproof:9001 list      (PermissionDenied)
        from a protected workload:            a request without a token is 401, not 403 or 503
`,
  'overlays/ambient/authorization-policy.yaml': `
For:    limits who may call Peerproof: at port 9001 only the listed waypoints, at port 9003 only Prometheus. ztunnel
        enforces it. It sees no method and no path, and would ignore a rule that names one.
Change: the principals of rule 1: each waypoint that calls Peerproof. Its ServiceAccount has the name of the Gateway.
        The principal of rule 2: set it to that of your Prometheus, or remove the rule.
        Never set the action to CUSTOM: ztunnel does not support it.
Check:  from a pod that is not listed:   grpcurl -plaintext peerproof.peerproof:9001 list       (the connection is reset)
        through the waypoint:            a request without a token is 401, not 403 or 503
`,
  'overlays/kyma/authorization-policy.yaml': `
For:    limits who may call Peerproof. Port 9002: only the listed proxies, by the identity in their mTLS certificate,
        with any method and path, because a check over HTTP has those of the original request. Port 9003: only Kyma's
        metric agent, and only /metrics. Peerproof believes what a caller of port 9002 says about its peer, so this list
        is part of the security of the system.
Change: the principals of rule 1. List each protected workload, because with an APIRule the workload's own sidecar sends
        the checks. A \`*\` at the end matches by prefix: here each ServiceAccount of the namespace \`applications\`. The
        gateway sends checks only if an AuthorizationPolicy of your own covers it; otherwise remove it. The first part of
        a principal is \`spec.config.trustDomain\` of the Istio resource.
        Never set the action to CUSTOM: each check would then need another check.
Check:  from a workload that is not listed:   curl -si http://peerproof.peerproof:9002/      (403 \`RBAC: access denied\`)
        through the APIRule:                  a request without a token is 401, not 403
`,
  'network-policy.yaml': `
For:    limits by the network who can reach Peerproof, and what Peerproof can reach. It needs a network plugin that
        enforces NetworkPolicy.
Change: the namespaces: those of the proxies that ask, and that of Prometheus. Egress: DNS, istiod if there is a sidecar,
        and the ports of issuers and of the API server to every address. If you know the addresses of your issuers, allow
        only these. Kyma's DNS pods listen on 8053.
Check:  kubectl -n default run probe --rm -i --restart=Never --image=curlimages/curl -- \\
          curl -sS -m 5 http://peerproof.peerproof:9003/metrics                    (times out)
`,
  'reference-grant.yaml': `
For:    lets a SecurityPolicy in the namespace of an application name the Service of Peerproof.
Change: the namespaces: those of your applications.
Check:  kubectl -n applications get securitypolicy -o yaml                         (the condition Accepted is True)
`,
};
