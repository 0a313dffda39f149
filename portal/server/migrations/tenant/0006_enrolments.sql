-- What an enrolled host told of itself: HostFacts of the contract.
ALTER TABLE machine ADD COLUMN host jsonb;

-- A host that enrols acts with its token.
ALTER TABLE audit DROP CONSTRAINT audit_actor_kind_check;
ALTER TABLE audit ADD CHECK (actor_kind IN ('key', 'session', 'enrolment'));
