(** * C2 fails: standard inference learning can be closer to implicit SGD than IL-prox *)

From Proofs Require Import Preamble Matrices Network Backpropagation InferenceRules OneHiddenUnit C01_CloserThanBackpropagation.

(** The network of C1.  Whatever the numbers [t], [u] and the sizes of the inference steps, standard inference learning is
    closer to the implicit update than IL-prox for every [eps >= 0]; both point in the same direction; and for the paper's
    [eps = 1] standard inference learning ends at a lower objective. *)
Theorem C02_proximal_closer_than_standard_fails (R : realFieldType) :
  let bw := one_hidden_backward 1 (silent_target R) in
  let Wb := silent_weights R in let alpha := 1 / 4 in
  let il gamma t := il_update bw Wb alpha (il_inferred bw Wb gamma t) in
  let il_prox eps gamma t := il_prox_update bw Wb alpha eps (il_prox_inferred bw Wb alpha gamma t) in
  let distance D := wsq (wsub D (wsub (silent_exact R) Wb)) in
  let objective D := prox alpha Wb (wadd Wb D) in
  (forall W, minimises (@anything _) (prox alpha Wb) W <-> wsame W (silent_exact R)) /\
  forall gamma t gamma' u,
    [/\ forall eps, 0 <= eps -> distance (il gamma t) < distance (il_prox eps gamma' u),
        forall eps, 0 <= eps -> exists2 c, 0 < c & wsame (il_prox eps gamma' u) (wscale c (il gamma t))
      & objective (il gamma t) < objective (il_prox 1 gamma' u)].
Proof.
move=> bw Wb alpha il il_prox distance objective.
have [exact rules] := C01_closer_than_backpropagation_fails R; split=> // gamma t gamma' u.
have [same _ _ _] := rules gamma t; have [_ far direction high] := rules gamma' u.
have Dil : distance (il gamma t) = distance (bp_update bw Wb alpha).
  by apply: wsq_same => n ln; rewrite /wsub [il gamma t n](same n ln).
have Oil : objective (il gamma t) = objective (bp_update bw Wb alpha).
  by apply: prox_same => n ln; rewrite /wadd [il gamma t n](same n ln).
split=> [eps e0|eps e0|]; [by rewrite Dil; exact: far | | by rewrite Oil; exact: high].
have [c c0 e] := direction eps e0; exists c => // n ln.
by rewrite /wscale [il gamma t n](same n ln); exact: e.
Qed.
